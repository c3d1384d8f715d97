"""The same bus over TLS, where the broker's certificate has to be the right one."""

import datetime
import ipaddress

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from shared.platform.bus.connection import CONNECTION_ERRORS, open_connection
from tests.integration.bus import contracts
from tests.integration.bus.green.conftest import Services
from tests.integration.bus.services import Worker
from tests.support.rabbitmq import free_ports, private_rabbitmq

pytestmark = [pytest.mark.broker, pytest.mark.slow]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broker")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    (folder / "broker.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "broker.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder


@pytest.fixture(scope="module")
def uri(certificate):
    (port,) = free_ports(1)
    configuration = "\n".join(
        [
            f"listeners.ssl.1 = 127.0.0.1:{port}",
            f"ssl_options.cacertfile = {certificate}/broker.pem",
            f"ssl_options.certfile = {certificate}/broker.pem",
            f"ssl_options.keyfile = {certificate}/broker.key",
            "ssl_options.verify = verify_none",
        ]
    )
    with private_rabbitmq(configuration=configuration):
        yield f"amqps://guest:guest@127.0.0.1:{port}//"


def test_calls_go_over_tls(uri, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "broker.pem"))
    services = Services(uri)
    services.start(Worker)
    bus = services.front()
    assert [bus.call(contracts.DOUBLE, number=number) for number in range(20)] == [
        {"number": 2 * number} for number in range(20)
    ]
    services.stop_all()


def test_a_broker_with_an_untrusted_certificate_is_not_spoken_to(uri):
    with pytest.raises(CONNECTION_ERRORS, match="certificate verify failed"):
        open_connection(uri)
