"""Policy finds people (政策找人、免申即享): a nightly search over everybody, by the city's menu of benefits.

    nightly.run(on)       search all, tell whom it concerns, each once; killed and run again it is the same

`search` asks the column reader about everybody; `reasons` explains the few that were found; `contact` writes
what follows in batches, each in one transaction; `endings` looks for what ends and for what nobody claimed.
"""
