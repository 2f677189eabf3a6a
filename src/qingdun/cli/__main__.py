"""`python -m qingdun.cli` is `qingdun`."""

from qingdun.cli.program import main

if __name__ == "__main__":
    main()
