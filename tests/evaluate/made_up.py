"""Made-up labelled data in the form of the real."""

import csv
import gzip
import random
from pathlib import Path
from typing import Any

from qingdun.evaluate.tabular import CALLER_COLUMNS

_WORDS = ["密码器失效", "点击激活", "领取奖金", "保证金"], ["全场五折", "新品上市", "欢迎光临", "开盘"]


def write_rows(path: Path, header: list[str], rows: list[list[Any]]) -> None:
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def write_texts(folder: Path) -> None:
    """The three published sources of texts."""
    draw = random.Random(1)

    def text(side: int) -> str:
        return "，".join(draw.choices(_WORDS[side], k=3)) + draw.choice("甲乙丙丁戊己庚辛")

    groups = [("FR", "FR_Phishing_Bank_", 0), ("FR", "FR_Financial", 0), ("AD", "AD_Retail", 1)]
    fbs = [[g, c, text(side)] for g, c, side in groups for _ in range(12)]
    write_rows(folder / "messages_fbs.csv.gz", ["group", "category", "text"], fbs)
    write_rows(folder / "messages_2014.csv.gz", ["label", "text"], [[i % 2, text(1)] for i in range(20)])
    calls = [[i % 2, "投资诈骗" if i % 2 else "订餐服务", "left: " + text(1 - i % 2)] for i in range(24)]
    write_rows(folder / "dialogues_teleantifraud.csv.gz", ["y", "type", "text"], calls)


def write_sites(folder: Path) -> None:
    """The six published sources of hosts."""
    draw = random.Random(1)
    words = [f"{a}{b}" for a in ("lo", "ba", "mi", "ne", "du") for b in ("ra", "tin", "sol", "kem", "pu")]
    hosts = [
        [f"{word}-secure-{draw.randrange(10**6)}.top" for word in words],
        [f"{word}haus.com" for word in words],
    ]
    pdd = [[f"http://{h}/login", 1] for h in hosts[0][:9]] + [[f"https://{h}/a", 0] for h in hosts[1][:9]]
    write_rows(folder / "sites_pdd.csv.gz", ["url", "label"], pdd)
    dated = [[f"{2021 + i % 3}/01/04 10:12:00", f"http://x{h}/", "x"] for i, h in enumerate(hosts[0])]
    write_rows(folder / "sites_jpcert_to_2023.csv.gz", ["date", "URL", "description"], dated)
    write_rows(folder / "sites_scam_jarelllama.csv.gz", ["host"], [[f"y{h}"] for h in hosts[0]])
    for name in ("sites_benign_cn", "sites_opendns_top_10k", "sites_url_shorteners"):
        write_rows(folder / f"{name}.csv.gz", ["host"], [[f"{name[6]}{h}"] for h in hosts[1]])


def write_tables(folder: Path) -> None:
    """Numbers that call, and accounts of two sets, told apart by every column."""
    draw = random.Random(1)
    callers = [[*(draw.random() + i % 2 for _ in CALLER_COLUMNS), i % 2] for i in range(80)]
    write_rows(folder / "callers_sichuan.csv.gz", [*CALLER_COLUMNS, "label"], callers)
    for name in ("cycle", "fanin"):
        nodes = [[i, int(i < 20), 1] for i in range(80)]
        moves = [
            [draw.randrange(80), draw.randrange(20 if t % 3 else 80), draw.random() * 100, t]
            for t in range(300)
        ]
        stem = folder / f"funds_amlsim_20K_{name}200"
        write_rows(Path(f"{stem}_nodes.csv.gz"), ["nodeid", "isFraud", "init_balance"], nodes)
        write_rows(
            Path(f"{stem}_transactions.csv.gz"), ["sourceNodeId", "targetNodeId", "value", "time"], moves
        )
