#!/usr/bin/env bash
# The Debian packages that tests need are there: installed when root, named when not. With `spark` as argument
# Java too, which only slow tests need.
set -euo pipefail

missing=()
command -v chromium >/dev/null || missing+=(chromium)
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing+=(postgresql)
fc-list 2>/dev/null | grep -qi "Noto Sans CJK" || missing+=(fontconfig fonts-noto-cjk)
[ -x /usr/sbin/named ] || missing+=(bind9)
[ -x /usr/sbin/unbound ] || missing+=(unbound)
ls /usr/lib/*/kamailio/modules/evapi.so >/dev/null 2>&1 || missing+=(kamailio kamailio-extra-modules)
command -v sipp >/dev/null || missing+=(sip-tester)
command -v pdftotext >/dev/null || missing+=(poppler-utils)
[ "${1:-}" != spark ] || command -v java >/dev/null || missing+=(openjdk-17-jre-headless)
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -eq 0 ]; then
    export DEBIAN_FRONTEND=noninteractive
    # A packaged PostgreSQL must not start a cluster of its own: the tests start theirs.
    mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] ||
        echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
    # Nor may a packaged name server or SIP proxy start by itself: the tests start theirs, on ports of their own.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
        trap 'rm -f "$policy"' EXIT
    fi
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
else
    echo "The tests need Debian packages that are not installed: ${missing[*]}" >&2
    echo "Install them with: sudo apt-get install ${missing[*]}" >&2
    exit 1
fi
