"""The health check of a service's container: status 0 if `/readyz` says that it can work. Imports next to nothing."""

import os
import socket
import sys

with socket.create_connection(("127.0.0.1", int(os.environ["ADMIN_PORT"])), timeout=4) as connection:
    connection.sendall(b"GET /readyz HTTP/1.0\r\n\r\n")
    answer = b""
    while piece := connection.recv(4096):
        answer += piece
head, _, body = answer.partition(b"\r\n\r\n")
print(body.decode(errors="replace"))
sys.exit(0 if b" 200 " in head.split(b"\r\n", 1)[0] else 1)
