"""Asks a Flight server, with pyarrow's own client: {"uri", "token" or null, "calls": [["get", ticket, other token?] | ["info", path] | ["list"] | ["first", ticket]]}
on stdin; what each gave, or how it failed, on stdout."""
import json
import sys

import pyarrow.flight as flight

asked = json.load(sys.stdin)
client = flight.FlightClient(asked["uri"])
token = asked["token"]


def shown(token):
    return flight.FlightCallOptions(headers=[] if token is None else [(b"authorization", f"Bearer {token}".encode())], timeout=30)


options = shown(token)


def table(reader):
    read = reader.read_all()
    read.validate(full=True)
    return {"schema": [[field.name, str(field.type)] for field in read.schema], "rows": [list(map(str, row.values())) for row in read.to_pylist()]}


def info(found):
    return {
        "path": [part.decode() for part in found.descriptor.path],
        "schema": [[field.name, str(field.type)] for field in found.schema],
        "tickets": [endpoint.ticket.ticket.decode() for endpoint in found.endpoints],
    }


def answer(kind, *args):
    if kind == "get":
        return table(client.do_get(flight.Ticket(args[0].encode()), shown(args[1]) if len(args) > 1 else options))
    if kind == "first":
        reader = client.do_get(flight.Ticket(args[0].encode()), options)
        rows = reader.read_chunk().data.num_rows
        reader.cancel()
        return rows
    if kind == "info":
        return info(client.get_flight_info(flight.FlightDescriptor.for_path(*args), options))
    return [info(found) for found in client.list_flights(options=options)]


answers = []
for call in asked["calls"]:
    try:
        answers.append(answer(*call))
    except Exception as error:
        answers.append({"error": type(error).__name__, "message": str(error)})
print(json.dumps(answers))
