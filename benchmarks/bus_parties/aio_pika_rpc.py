"""A peer: aio-pika's JsonRPC on asyncio, without publisher confirms."""

import asyncio
import sys
import time

import aio_pika
from aio_pika.patterns import JsonRPC

from . import TEXT

NAME = "bench-aio-pika"


async def echo(*, command):
    return command


async def connect(uri):
    connection = await aio_pika.connect(uri)
    channel = await connection.channel(publisher_confirms=False)
    await channel.set_qos(60)
    return await JsonRPC.create(channel)


async def serve(uri):
    rpc = await connect(uri)
    await rpc.register(NAME, echo, auto_delete=True)
    print("ready", flush=True)
    await asyncio.Event().wait()


async def call(uri):
    rpc = await connect(uri)
    loop = asyncio.get_running_loop()
    print("ready", flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        callers, seconds = line.split()
        end = time.monotonic() + float(seconds)

        async def one_caller(end=end):
            calls = 0
            while time.monotonic() < end:
                await rpc.call(NAME, {"command": {"text": TEXT}}, expiration=10)
                calls += 1
            return calls

        print(sum(await asyncio.gather(*(one_caller() for _ in range(int(callers))))), flush=True)


if __name__ == "__main__":
    asyncio.run({"serve": serve, "call": call}[sys.argv[1]](sys.argv[2]))
