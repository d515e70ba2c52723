"""Ask for a port before a server does, so that a taken one is a sentence and not a stack trace."""

import socket


class PortError(Exception):
    """A port or an address cannot be listened on; the message says what to do."""


def require_free_ports(host: str, wanted: dict[str, int]) -> None:
    """Raise PortError unless every port can be bound.

    `wanted` maps the option or setting for a port to the port.
    """
    if len(set(wanted.values())) < len(wanted):
        raise PortError(f"{' and '.join(wanted)} need two different ports.")
    for option, port in wanted.items():
        _require_free(host, option, port)


def _require_free(host: str, option: str, port: int) -> None:
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
            # As the servers do: a connection still in TIME_WAIT from a demo just stopped is no obstacle.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            probe.listen()
    except OverflowError:
        raise PortError(f"{option} {port} is no port; choose one from 1024 to 65535.") from None
    except PermissionError:
        raise PortError(f"Port {port} needs root; choose another, for example {option} {port + 8000}.") from None
    except socket.gaierror:
        raise PortError(f"'{host}' is no address to listen on.") from None
    except OSError as error:
        raise PortError(
            f"Port {port} on {host} is not free ({error.strerror}). Stop what uses it "
            f"(`lsof -i :{port}` names it) or choose another: {option} {port + 100}."
        ) from None
