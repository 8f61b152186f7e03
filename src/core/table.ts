/** A Markdown table: a head, and rows of as many cells; columns may stand on the right. */
export function markdownTable(lines: readonly (readonly string[])[], right: readonly boolean[] = []): string {
  const widths = lines[0]!.map((_, i) => Math.max(3, ...lines.map((line) => line[i]!.length)));
  const cell = (text: string, i: number): string => (right[i] ? text.padStart(widths[i]!) : text.padEnd(widths[i]!));
  const [head, ...rows] = lines.map((line) => `| ${line.map(cell).join(' | ')} |`);
  const rule = widths.map((w, i) => (right[i] ? `${'-'.repeat(w - 1)}:` : '-'.repeat(w)));
  return [head, `| ${rule.join(' | ')} |`, ...rows].join('\n');
}
