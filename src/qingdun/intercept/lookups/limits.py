"""How much one client may ask: a bucket that fills steadily and is emptied by asking."""

from __future__ import annotations


class Bucket:
    """Starts full. Moments are seconds of a clock that only goes forward. Two threads may take from one: what
    they take at the very same moment may count once.
    """

    __slots__ = ("_at", "_left", "_most", "_rate")

    def __init__(self, rate: float, most: float, now: float) -> None:
        """`rate`: what comes back in a second; `most`: what it holds."""
        self._rate, self._most, self._left, self._at = rate, most, most, now

    def take(self, now: float, count: int = 1) -> float:
        """0 if so many are allowed, and they are taken; else after how many seconds they would be.

        >>> bucket = Bucket(10, 2, 0)
        >>> [bucket.take(0), bucket.take(0), bucket.take(0), bucket.take(0.1)]
        [0.0, 0.0, 0.1, 0.0]
        """
        left = self._left + (now - self._at) * self._rate
        if left > self._most:
            left = self._most
        self._at = now
        if left >= count:
            self._left = left - count
            return 0.0
        self._left = left
        return (count - left) / self._rate
