"""jobs/inverted-index.ts once more, without an engine: the words of four letters and more, and the places of their lines, in order."""
import collections, os, re, sys

places = collections.defaultdict(set)
for path in sys.argv[1:]:
    offset = 0
    for line in open(path, 'rb').read().split(b'\n'):
        text = line.removesuffix(b'\r').decode('utf-8', 'replace').lower()
        for word in re.split(r'\W+', text, flags=re.ASCII):
            if len(word) >= 4:
                places[word].add((os.path.basename(path), offset))
        offset += len(line) + 1
for word in sorted(places):
    print(word + '\t' + ' '.join(f'{name}:{offset}' for name, offset in sorted(places[word])))
