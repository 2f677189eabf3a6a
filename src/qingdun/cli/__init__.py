from qingdun.cli.program import main as main
