"""The one error of the generator."""


class Problem(Exception):
    """Something in the header that no binding can be made from; names it."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
