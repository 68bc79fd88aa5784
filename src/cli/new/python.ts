import { configOf, readmeOf, type Template } from './template.ts';

/** A server in Python; uv brings Python and the packages when it is first started. */
export const python: Template = {
  command: 'uv',
  args: ['run', 'server.py'],
  prepare: [],
  test: 'uv run python -m unittest',
  files: (name) => [
    ['server.py', server(name)],
    ['test_server.py', TEST],
    ['pyproject.toml', project(name)],
    ['Dockerfile', DOCKERFILE],
    ['.dockerignore', '.venv\n__pycache__\n'],
    ['.gitignore', '.venv/\n__pycache__/\n'],
    configOf(name, python),
    readmeOf(name, python, 'server.py'),
  ],
};

function server(name: string): string {
  return `"""An MCP server with one tool.

Messages go over stdin and stdout: print anything else to stderr.
"""

from typing import Annotated

from mcp.server.mcpserver import MCPServer
from mcp.types import ToolAnnotations
from pydantic import BaseModel, Field

server = MCPServer("${name}", version="0.1.0")


class Count(BaseModel):
    words: int
    characters: int


@server.tool(
    title="Count words",
    # It looks at what it is given and changes nothing.
    annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False),
)
def count_words(text: Annotated[str, Field(max_length=100_000, description="The text")]) -> Count:
    """Counts the words and characters of a text."""
    return Count(words=len(text.split()), characters=len(text))


if __name__ == "__main__":
    server.run()
`;
}

const TEST = `import unittest

from mcp import Client

from server import server


class CountWords(unittest.IsolatedAsyncioTestCase):
    async def test_counts_words_and_characters(self) -> None:
        async with Client(server) as client:
            result = await client.call_tool("count_words", {"text": "one two  three"})
        self.assertEqual(result.structured_content, {"words": 3, "characters": 14})


if __name__ == "__main__":
    unittest.main()
`;

function project(name: string): string {
  return `[project]
name = "${name}"
version = "0.1.0"
requires-python = ">=3.10"
dependencies = ["mcp>=2.3,<3"]
`;
}

const DOCKERFILE = `FROM ghcr.io/astral-sh/uv:0.9 AS uv

FROM python:3.13-slim
COPY --from=uv /uv /bin/uv
WORKDIR /app
COPY pyproject.toml ./
RUN uv pip install --system --no-cache -r pyproject.toml
COPY server.py ./
# Nobody in particular.
USER 65532:65532
# -u: an answer leaves when it is printed. -B: the root is read-only, and there is nowhere to keep bytecode.
ENTRYPOINT ["python3", "-u", "-B", "server.py"]
`;
