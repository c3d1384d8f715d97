"""The bus, tested the same way on RabbitMQ and in process; its own command, since these tests need green threads."""
