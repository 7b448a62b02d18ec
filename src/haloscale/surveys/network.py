"""What went wrong in a transfer, in a few words: for downloads and for queries."""

_KNOWN = {
    "ConnectionError": "the server cannot be reached or closed the connection",
    "ChunkedEncodingError": "the transfer broke off",
    "ConnectTimeout": "the server does not answer",
    "ReadTimeout": "the server stopped sending",
    "SSLError": "the secure connection failed",
    "InvalidURL": "the address is malformed",
    "InvalidSchema": "the address is malformed",
    "MissingSchema": "the address is malformed",
    "PermissionError": "no permission to write into the folder",
}


def reason(error: OSError) -> str:
    """The cause of a failed transfer; every exception of requests is an `OSError`."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status is not None:
        return f"the server answered {status}"
    kind = type(error).__name__
    return _KNOWN.get(kind, error.strerror or kind)
