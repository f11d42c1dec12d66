#!/bin/sh
# Installs those of the peers' servers that are missing, from Debian's packages, and keeps them from
# running as system services: the bench starts each by itself, on a free loopback port, in a directory of
# its own. What is installed already is left exactly as it is. Run as root.
set -eu

missing=""
for package in redis-server beanstalkd postgresql rabbitmq-server nats-server; do
  dpkg -s "$package" > /dev/null 2>&1 || missing="$missing $package"
done
if [ -z "$missing" ]; then
  echo "all installed"
  exit 0
fi

# While packages are set up, no service may start (https://manpages.debian.org/policy-rc.d).
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
# PostgreSQL's package would make a cluster of its own and start it.
clusters=/etc/postgresql-common/createcluster.conf
if [ ! -e "$clusters" ]; then
  mkdir -p "$(dirname "$clusters")"
  printf 'create_main_cluster = false\n' > "$clusters"
fi
# RabbitMQ's installation starts an Erlang port mapper on all interfaces, which nothing here uses.
had_epmd=no
if command -v epmd > /dev/null && epmd -names > /dev/null 2>&1; then had_epmd=yes; fi

apt-get update -q
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing

# Nor may they start at the next boot.
if command -v systemctl > /dev/null; then
  for package in $missing; do systemctl disable "$package" > /dev/null 2>&1 || true; done
fi
if [ "$had_epmd" = no ] && command -v epmd > /dev/null; then epmd -kill > /dev/null 2>&1 || true; fi
echo "installed:$missing"
