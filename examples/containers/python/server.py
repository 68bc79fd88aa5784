"""An MCP server with one tool, and no SDK: one JSON-RPC message a line on stdin and stdout, revision 2025-11-25.

Anything else is printed on stderr.
"""

import json
import sys
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

TOOL = {
    "name": "time_in",
    "title": "Time in a time zone",
    "description": "Tells what time it is in a time zone.",
    "inputSchema": {
        "type": "object",
        "properties": {"zone": {"type": "string", "description": "A name such as Asia/Seoul"}},
        "required": ["zone"],
        "additionalProperties": False,
    },
    "annotations": {"readOnlyHint": True, "openWorldHint": False},
}


class Refusal(Exception):
    """A request that cannot be answered, with a code of JSON-RPC."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def time_in(arguments):
    zone = arguments.get("zone")
    try:
        now = datetime.now(ZoneInfo(str(zone)))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # A mistake in the arguments is the model's to correct, and so no error of the protocol.
        return {"content": [{"type": "text", "text": f"There is no time zone {zone!r}."}], "isError": True}
    return {"content": [{"type": "text", "text": now.isoformat(timespec="seconds")}]}


def answer(method, params):
    match method:
        case "initialize":
            return {
                "protocolVersion": "2025-11-25",
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "clock", "version": "1.0.0"},
            }
        case "ping":
            return {}
        case "tools/list":
            return {"tools": [TOOL]}
        case "tools/call" if params.get("name") == TOOL["name"]:
            return time_in(params.get("arguments") or {})
        case "tools/call":
            raise Refusal(-32602, "There is no such tool.")
    raise Refusal(-32601, f"There is no method {method}.")


def main():
    # Ends with the input, which is how a client says that it is done.
    for line in sys.stdin:
        message = json.loads(line)
        # A notification has no id, and gets no answer.
        if "id" not in message or "method" not in message:
            continue
        reply = {"jsonrpc": "2.0", "id": message["id"]}
        try:
            reply["result"] = answer(message["method"], message.get("params") or {})
        except Refusal as refusal:
            reply["error"] = {"code": refusal.code, "message": str(refusal)}
        print(json.dumps(reply), flush=True)


main()
