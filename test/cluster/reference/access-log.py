"""jobs/access-log.ts once more, without an engine: the ten busiest hosts; then, after an empty line, each day's requests by status."""
import collections, datetime, re, sys

LINE = re.compile(r'(\S+) \S+ \S+ \[(\d{2}/\w{3}/\d{4}):[^]]*\] "\S+ (\S+)[^"]*" (\d{3}) (\d+|-)', re.ASCII)
hosts, days = collections.defaultdict(lambda: [0, None]), collections.defaultdict(lambda: [0, 0])
for name in sys.argv[1:]:
    text = open(name, 'rb').read().decode('utf-8', 'replace')
    for host, day, _, status, size in (m.groups() for m in map(LINE.fullmatch, re.split('\r?\n', text)) if m):
        date = datetime.datetime.strptime(day, '%d/%b/%Y').date().isoformat()
        hosts[host][0] += 1
        days[date, int(status)][0] += 1
        if size == '-': days[date, int(status)][1] += 1
        else: hosts[host][1] = (hosts[host][1] or 0) + int(size)
for host, (n, size) in sorted(hosts.items(), key=lambda item: (-item[1][0], item[0]))[:10]:
    print(f'{host},{n},{"" if size is None else size}')
print()
for (date, status), (n, without) in sorted(days.items()):
    print(f'{date},{status},{n},{without}')
