"""Compiles the .proto files to tfrecord_lite/example/messages.binpb. Needs grpcio-tools (group ``test``)."""

from __future__ import annotations

import sys
from pathlib import Path

from grpc_tools import protoc

PROTO = Path(__file__).resolve().parent
TARGET = PROTO.parent / "tfrecord_lite" / "example" / "messages.binpb"


def compile_protos(target: Path) -> None:
    """Writes the descriptor set, dependencies first and without source locations."""
    files = [str(path.relative_to(PROTO)) for path in sorted(PROTO.rglob("*.proto"))]
    options = [f"--proto_path={PROTO}", "--include_imports", f"--descriptor_set_out={target}"]
    status = protoc.main(["protoc", *options, *files])
    if status:
        sys.exit(status)


if __name__ == "__main__":
    compile_protos(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)
