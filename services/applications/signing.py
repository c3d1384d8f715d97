"""The signature of documents (PAdES): whoever holds a PDF can see that it is ours and unchanged, without asking us.

The chain lies in `KEYS_DIR/documents/signer.pem`: the key, the signer's certificate, then those of its issuers. A trial
deployment makes itself a test chain; production is given one.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

from shared.platform.config import Deployment, SettingsError
from shared.platform.crypto import create_missing

from .signer_file import SIGNER

FIELD = "Signature"
_END_OF_KEY = b"-----END PRIVATE KEY-----\n"
_YEARS = 20


@dataclass(frozen=True)
class Chain:
    """A signer's key and certificate with those of its issuers."""

    key: Any
    certificates: tuple[Any, ...]


def sign(pdf: bytes, chain: Chain, *, reason: str) -> bytes:
    """The document with an invisible PAdES signature, added behind it so that its structure stays as it was."""
    own, *issuers = chain.certificates
    store = SimpleCertificateStore.from_certs(issuers)  # type: ignore[no-untyped-call]  # the library is untyped here
    signer = signers.SimpleSigner(signing_cert=own, signing_key=chain.key, cert_registry=store)
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, reason=reason
    )
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    signed = signers.PdfSigner(metadata, signer=signer).sign_pdf(writer, output=BytesIO())
    content: bytes = signed.getvalue()
    return content


def load_chain(deployment: Deployment) -> Chain:
    """The deployment's chain; a trial deployment makes a test one first, production without one is `SettingsError`."""
    path = deployment.keys_dir / SIGNER
    if not deployment.is_production:
        create_trial_chain(deployment.keys_dir)
    try:
        key, end, certificates = path.read_bytes().partition(_END_OF_KEY)
        chain = Chain(
            load_private_key_from_pemder_data(key + end, passphrase=None),
            tuple(load_certs_from_pemder_data(certificates)),
        )
    except (OSError, ValueError) as error:
        raise SettingsError("KEYS_DIR", f"no key and chain to sign documents with in {path}") from error
    return chain


def create_trial_chain(keys_dir: Path) -> bool:
    """Make a test chain where a trial deployment has none yet; whether one was made."""
    return create_missing(keys_dir / SIGNER, _new_test_chain)


def _new_test_chain() -> bytes:
    """A root of our own and a signer below it; their subjects say that they are for tests."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name, name = _name("Yizhu test root"), _name("Yizhu test document signer")
    root = _builder(root_name, root_name, root_key, is_root=True).sign(root_key, hashes.SHA256())
    leaf = _builder(name, root_name, key, is_root=False).sign(root_key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + b"".join(item.public_bytes(serialization.Encoding.PEM) for item in (leaf, root))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, *, is_root: bool
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(secrets.randbits(120))
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * _YEARS))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=0 if is_root else None), critical=True)
    )
    usage = x509.KeyUsage(
        digital_signature=not is_root,
        content_commitment=not is_root,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_root,
        crl_sign=is_root,
        encipher_only=False,
        decipher_only=False,
    )
    return builder.add_extension(usage, critical=True)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
