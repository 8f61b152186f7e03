import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

/**
 * What errors say is not mutated: tests hold messages to a form, not to a wording. Whether there is
 * an error is mutated.
 */
const messages = { shouldIgnore: (path) => (path.isThrowStatement() ? 'what an error says' : undefined) };

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, 'messages', messages)];
