"""A city's ninety days of work in the database, made by the database itself: two alerts in five tasks share
one, officers over city, counties and stations, every state, evidence, clocks and history.
"""

# ruff: noqa: E501, SIM905
from __future__ import annotations

import time

from django.db import connection

from qingdun.console.kernel.models import User

CLOSED_AFTER = 0.965
"""Share of the tasks that are over: the rest, the latest, are open."""
TABLES = (
    "kernel_user kernel_organisation kernel_person kernel_personnumber alerts_task alerts_alert "
    "alerts_evidence alerts_clock alerts_taskevent alerts_contact"
).split()
DAYS = 90


def load(alerts: int, officers: int) -> dict[str, int]:
    """The city stands: rows by table. The audit chain is not filled: it holds what is done from now on."""
    tasks = alerts * 4 // 5
    postgres = connection.vendor == "postgresql"
    now = int(time.time())
    values = {"tasks": tasks, "alerts": alerts, "persons": max(1, tasks * 3 // 4), "now": now}

    def at(expression: str) -> str:
        """A time so many seconds ago, as the database keeps it."""
        if postgres:
            return f"to_timestamp({now} - ({expression}))"
        return f"strftime('%Y-%m-%d %H:%M:%f', {now} - ({expression}), 'unixepoch')"

    def numbers(last: int) -> str:
        if postgres:
            return f"generate_series(CAST(1 AS bigint), {last}) AS n(i)"
        return f"(WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < {last}) SELECT i FROM s) AS n"

    # A console that asks for another password at the first log-in would ask all of them.
    more = ", must_change_password" if hasattr(User, "must_change_password") else ""
    yes, no = ("true", "false") if postgres else ("1", "0")
    with connection.cursor() as cursor:

        def run(statement: str) -> None:
            cursor.execute(statement)

        if postgres:
            # No trigger looks at every row of what is consistent by construction.
            run("SET session_replication_role = replica")
            run("SET synchronous_commit = off")
            run("SET maintenance_work_mem = '256MB'")
        else:
            run("PRAGMA foreign_keys = OFF")
        run(
            "CREATE TEMPORARY TABLE town AS SELECT row_number() OVER (ORDER BY t.path) - 1 AS k, t.code, t.path, "
            "t.parent_id AS county, o.id AS bureau, 100000 + row_number() OVER (ORDER BY t.path) AS station, "
            "t.lng, t.lat, t.name FROM kernel_region t JOIN kernel_organisation o ON o.region_id = t.parent_id "
            "WHERE t.level = 'town'"
        )
        run("SELECT count(*) FROM town")
        towns = cursor.fetchone()[0]
        run(
            "INSERT INTO kernel_organisation (id, code, kind, name, name_en, region_id, lng, lat) "
            "SELECT station, 'station-' || code, 'station', name || '派出所', '', code, lng, lat FROM town"
        )
        run(
            "INSERT INTO kernel_organisation_towns (organisation_id, region_id) SELECT station, code FROM town"
        )
        run(
            "INSERT INTO kernel_user (id, password, username, first_name, last_name, email, is_active, date_joined, "
            f"display_name, role, region_id, organisation_id, language, demo{more}) "
            f"SELECT 1000 + i, '!', 'officer-' || i, '', '', '', {yes}, {at('0')}, '民警' || i, "
            "CASE WHEN i % 50 = 0 THEN 'city_analyst' WHEN i % 50 < 9 THEN 'county_officer' ELSE 'station_officer' END, "
            "CASE WHEN i % 50 = 0 THEN (SELECT code FROM kernel_region WHERE level = 'city') "
            "WHEN i % 50 < 9 THEN town.county ELSE town.code END, "
            "CASE WHEN i % 50 = 0 THEN NULL WHEN i % 50 < 9 THEN town.bureau ELSE town.station END, "
            f"'zh-hans', {no}{', ' + no if more else ''} FROM {numbers(officers)} JOIN town ON town.k = i % {towns}"
        )
        run(
            "INSERT INTO kernel_person (person_id, name, birth_year, sex, floating, region_id, region_path, "
            "home_lng, home_lat, home_address, work_address) "
            f"SELECT 'p' || i, '测试' || i, 1940 + i % 65, CASE WHEN i % 2 = 0 THEN 'f' ELSE 'm' END, {no}, "
            f"town.code, town.path, town.lng, town.lat, '', '' FROM {numbers(values['persons'])} "
            f"JOIN town ON town.k = i % {towns}"
        )
        run(
            "INSERT INTO kernel_personnumber (msisdn, person_id, carrier, virtual_operator, activated_on) "
            f"SELECT {_number('i')}, 'p' || i, 'mobile', {no}, '2020-01-01' FROM {numbers(values['persons'])}"
        )
        live = int(tasks * CLOSED_AFTER)
        age = f"({DAYS * 86_400}.0 * ({tasks} - i) / {tasks} + 60)"
        person = f"(1 + (i * 7919) % {values['persons']})"
        state = (
            f"CASE WHEN i <= {live} THEN CASE WHEN i % 100 < 84 THEN 'closed' WHEN i % 100 < 91 THEN 'suppressed' "
            "WHEN i % 100 < 94 THEN 'merged' WHEN i % 100 < 98 THEN 'follow_up' ELSE 'reviewed' END "
            "ELSE CASE WHEN i % 100 < 30 THEN 'scored' WHEN i % 100 < 40 THEN 'city' WHEN i % 100 < 58 THEN 'county' "
            "WHEN i % 100 < 78 THEN 'station' WHEN i % 100 < 90 THEN 'signed' WHEN i % 100 < 94 THEN 'reached' "
            "WHEN i % 100 < 97 THEN 'unreachable' ELSE 'feedback' END END"
        )
        rank = "CASE WHEN i % 37 < 2 THEN 0 WHEN i % 37 < 9 THEN 1 WHEN i % 37 < 24 THEN 2 ELSE 3 END"
        level = "CASE WHEN i % 37 < 2 THEN 'urgent' WHEN i % 37 < 9 THEN 'high' WHEN i % 37 < 24 THEN 'medium' ELSE 'low' END"
        scam = _pick(
            "i / 3",
            "brushing investment shopping customer_service loan credit acquaintance police romance game phishing".split(),
        )
        stage = _pick("i / 5", "contact lure control transfer".split())
        held = f"(i > {live} AND i % 100 >= 58)"
        run(
            "INSERT INTO alerts_task (id, episode_id, person_id, msisdn, region_path, town_id, scam_type, level, "
            "level_rank, stage, probability, state, version, raised_at, received_at, moved_at, due_at, due_clock, "
            "county_id, station_id, owner_id, expected_loss_fen, loss_avoided_fen, loss_suffered_fen, "
            "cards_protected, closed_at, verdict, verdict_at, lost_at, escalation, escalate_at, merged_into_id, undone) "
            f"SELECT i, 'e' || i, 'p' || {person}, {_number(person)}, town.path, town.code, {scam}, {level}, {rank}, "
            f"{stage}, 0.2 + (i % 79) / 100.0, {state}, 3, {at(age)}, {at(age)}, {at(age + ' * 0.98')}, "
            f"CASE WHEN i > {live} AND i % 100 < 90 THEN {at('-600 - i % 80000')} END, "
            f"CASE WHEN i > {live} AND i % 100 < 90 THEN 'sign' ELSE '' END, "
            f"town.bureau, CASE WHEN i <= {live} OR {held} THEN town.station END, NULL, "
            f"(i % 200) * 100000, CASE WHEN i % 5 = 0 THEN (i % 90) * 100000 ELSE 0 END, 0, 0, "
            f"CASE WHEN i <= {live} AND i % 100 < 94 THEN {at(age + ' * 0.98')} END, "
            f"CASE WHEN i <= {live} AND i % 100 < 84 THEN {_pick('i', ['awakened', 'false_alarm', 'awakened', 'not_awakened'])} ELSE '' END, "
            f"CASE WHEN i <= {live} AND i % 100 < 84 THEN {at(age + ' * 0.99')} END, NULL, 0, NULL, "
            f"CASE WHEN i <= {live} AND i % 100 BETWEEN 91 AND 93 THEN i - 10 END, 0 "
            f"FROM {numbers(tasks)} JOIN town ON town.k = {person} % {towns}"
        )
        of = f"CASE WHEN n.i <= {tasks} THEN n.i ELSE 1 + (n.i * 4) % {tasks} END"
        run(
            "INSERT INTO alerts_alert (alert_id, task_id, episode_id, person_id, msisdn, region_path, scam_type, "
            "level, stage, probability, prior_bits, raised_at, received_at) "
            "SELECT 'a' || n.i, t.id, t.episode_id, t.person_id, t.msisdn, t.region_path, t.scam_type, t.level, "
            "t.stage, t.probability, -9.0, t.raised_at, t.received_at "
            f"FROM {numbers(alerts)} JOIN alerts_task t ON t.id = {of}"
        )
        run(
            "INSERT INTO alerts_evidence (alert_id, position, region_path, detector, at, entity_kind, entity, bits, "
            "text_zh, text_en) SELECT a.alert_id, e.p, a.region_path, e.detector, a.raised_at, e.kind, "
            "'+8613' || (100000000 + (CAST(substr(a.alert_id, 2) AS integer) + e.p) % 5000000), e.bits, e.zh, e.en "
            "FROM alerts_alert a CROSS JOIN (SELECT 0 AS p, 'call.fanout' AS detector, 'number' AS kind, 6.5 AS bits, "
            "'一个号码一小时内呼叫了四十个陌生人' AS zh, 'A number called forty strangers within an hour' AS en UNION ALL "
            "SELECT 1, 'message.script', 'sender', 4.25, '短信与已知诈骗话术相似', 'The message resembles a known script') e"
        )
        run(
            "INSERT INTO alerts_clock (task_id, region_path, name, started_at, due_at, stopped_at, kept, breached_at) "
            "SELECT t.id, t.region_path, c.name, t.received_at, "
            "COALESCE(t.due_at, t.moved_at), CASE WHEN t.due_at IS NULL OR c.name <> 'sign' THEN t.received_at END, "
            f"CASE WHEN t.due_at IS NULL THEN {yes} ELSE {no} END, NULL "
            "FROM alerts_task t CROSS JOIN (SELECT 'sign' AS name UNION ALL SELECT 'meet') c "
            f"WHERE c.name = 'sign' OR t.id <= {live}"
        )
        run(
            "INSERT INTO alerts_taskevent (task_id, region_path, at, actor_id, verb, source, target, note) "
            "SELECT t.id, t.region_path, CASE WHEN v.p < 2 THEN t.received_at ELSE t.moved_at END, NULL, "
            "v.verb, v.source, CASE WHEN v.p = 2 AND t.verdict <> '' THEN t.verdict WHEN v.p = 3 THEN t.state ELSE v.target END, '' "
            "FROM alerts_task t CROSS JOIN (SELECT 0 AS p, 'open' AS verb, '' AS source, 'new' AS target UNION ALL "
            "SELECT 1, 'score', 'new', 'scored' UNION ALL SELECT 2, 'meet', 'station', 'met' UNION ALL "
            f"SELECT 3, 'settle', 'met', 'closed') v WHERE v.p < 2 OR t.id <= {live}"
        )
        # As in a city that has been at work: the hourly look through everything has just been.
        run(f"INSERT INTO care_sweep (name, at) VALUES ('plan', {at('0')}), ('open', {at('0')})")
        if postgres:
            run("SET session_replication_role = DEFAULT")
            run(
                "SELECT setval(pg_get_serial_sequence('alerts_task', 'id'), (SELECT max(id) FROM alerts_task))"
            )
            run(
                "SELECT setval(pg_get_serial_sequence('kernel_user', 'id'), (SELECT max(id) FROM kernel_user))"
            )
            run(
                "SELECT setval(pg_get_serial_sequence('kernel_organisation', 'id'), (SELECT max(id) FROM kernel_organisation))"
            )
            run("VACUUM ANALYZE")
            run("CHECKPOINT")
            run("SET synchronous_commit = on")
        else:
            run("ANALYZE")
            run("PRAGMA foreign_keys = ON")
    return rows()


def rows() -> dict[str, int]:
    """Rows by table."""
    counts = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT count(*) FROM {table}")
            counts[table] = cursor.fetchone()[0]
    return counts


def _number(i: str) -> str:
    return f"'+86138' || substr(CAST(100000000 + ({i}) AS text), 2)"


def _pick(i: str, words: list[str]) -> str:
    whens = " ".join(f"WHEN {k} THEN '{word}'" for k, word in enumerate(words))
    return f"CASE ({i}) % {len(words)} {whens} END"
