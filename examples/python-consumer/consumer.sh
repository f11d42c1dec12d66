#!/bin/sh
# A consumer in curl and sed: one task at a time, until nothing comes.
set -eu
url="$EDGEQ_URL/v1/queues/${EDGEQ_QUEUE:-jobs}"
auth="${EDGEQ_TOKEN:+authorization: Bearer $EDGEQ_TOKEN}"

post() {
  curl -sS --fail-with-body -H 'content-type: application/json' ${auth:+-H "$auth"} -d "$2" "$url/$1"
}

while true; do
  task=$(post claim '{"waitMs": 1000, "claimTimeoutMs": 30000, "claimant": "curl"}')
  claim=$(printf %s "$task" | sed -n 's/.*"claim":"\([^"]*\)".*/\1/p')
  [ -n "$claim" ] || break
  n=$(printf %s "$task" | sed -n 's/.*"payload":{"n":\(-\{0,1\}[0-9]*\)}.*/\1/p')
  if [ "$n" -ge 0 ]; then
    echo "curl $((n * n))"
    post ack "{\"claims\": [\"$claim\"]}" > /dev/null
  else
    post nack "{\"claims\": [{\"claim\": \"$claim\", \"error\": \"a negative number\", \"dead\": true}]}" > /dev/null
  fi
done
