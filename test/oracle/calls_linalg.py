"""Single calls of linear algebra."""

LINALG = []
