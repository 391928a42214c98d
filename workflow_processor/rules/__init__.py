"""The rules that staff write, as the office keeps them. What a rule is and does stands in `repair`.

allowances   what a rule may still do, as its repairs are carried out
book         when triage has to read the rules again
come_backs   charging repairs that failed again
figures      what each rule did
standing     turning down rules that did too much harm
suggestions  what rules would make of parked messages
"""
