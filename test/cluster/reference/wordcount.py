"""jobs/wordcount.ts once more, without an engine: the files named, their words and counts, the most frequent first."""
import collections, re, sys

counts = collections.Counter()
for name in sys.argv[1:]:
    text = open(name, 'rb').read().decode('utf-8', 'replace')
    for line in re.split('\r?\n', text):
        counts.update(w for w in re.split(r'\W+', line.lower(), flags=re.ASCII) if w)
for word, n in sorted(counts.items(), key=lambda item: (-item[1], item[0].encode())):
    print(f'{word},{n}')
