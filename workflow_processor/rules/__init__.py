"""The rules that staff write, as the office keeps them. What a rule is and does stands in `repair`.

acts           what people do with rules
message_types  what people do with message types and schemas; schema_folder reads these from files
dry_runs       what people do with dry runs; dry_running and dry_run_progress carry them out
accepting      a person accepts suggestions
record         the audit entry of each, and the refusal of what is stale
book           everything that staff wrote, read once for triage; with the catalogue of types, and coercions
trying         asking one rule about many messages without any effect
suggestions    what rules would make of parked messages
allowances     what a rule may still do, as its repairs are carried out
come_backs     charging repairs that failed again
standing       turning down rules that did too much harm
figures        what each rule did
"""
