"""Every error of Qingdun, by what the caller can do about it.

::

    QingdunError
    ├── InputError                 mend the input, then call again
    │   ├── MissingFile            a file or folder that must be there is not
    │   ├── EmptyFile              a file of no bytes
    │   ├── UnreadableFile         truncated, or not in the format its name says
    │   ├── MissingColumn          a table lacks a column that has no default
    │   └── WrongType              a column has another type than the contract
    ├── ConfigurationError         mend the setting, the region data or the installation
    │   ├── UnknownCity            no folder of region data for that code
    │   └── MissingExtra           an optional package is needed for that command
    ├── RefusedError               the act is not allowed now; the message says why
    │   ├── IllegalMove            the state of the thing forbids it
    │   │   └── Overtaken          somebody else has moved it since the actor looked; look again
    │   ├── NotPermitted           the role or region of the actor forbids it
    │   ├── Unconfirmed            the actor has not yet seen what follows from it
    │   └── TooOften               a limit is reached; it says after how long the act is allowed again
    ├── Unreachable                whoever was asked does not answer; go on with what is known, ask again
    └── ModelError                 a shipped or trained model cannot be read; train it again
"""

from __future__ import annotations


class QingdunError(Exception):
    """Anything Qingdun refuses, with a sentence a person can act on."""


class InputError(QingdunError):
    """The input is at fault: the message names the place, what was found and what was expected."""


class MissingFile(InputError):
    """A file or folder that must be there is not."""


class EmptyFile(InputError):
    """A file holds no bytes at all."""


class UnreadableFile(InputError):
    """A file is truncated or not in the format its name says."""


class MissingColumn(InputError):
    """A table lacks a column that has no default."""


class WrongType(InputError):
    """A column has another type than the contract gives it."""


class ConfigurationError(QingdunError):
    """A setting, the region data or the installation is at fault."""


class UnknownCity(ConfigurationError):
    """There is no folder of region data for the code asked for."""


class MissingExtra(ConfigurationError):
    """A command needs an optional package that is not installed."""


class RefusedError(QingdunError):
    """The act is not allowed now; the message says why and what would be."""


class IllegalMove(RefusedError):
    """The state of the thing forbids the move."""


class Overtaken(IllegalMove):
    """Somebody else has moved the thing since the actor looked at it; look again."""


class NotPermitted(RefusedError):
    """The role or the region of the actor forbids the act."""


class Unconfirmed(RefusedError):
    """The act has a consequence that its actor must have seen; say so, and it is done."""


class TooOften(RefusedError):
    """A limit is reached; after `wait_s` seconds the act is allowed again."""

    def __init__(self, message: str, wait_s: int) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class Unreachable(QingdunError):
    """Whoever was asked does not answer now; go on with what is known, and ask again."""


class ModelError(QingdunError):
    """A model file cannot be read; train it again."""
