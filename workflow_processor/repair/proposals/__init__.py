"""From an edit to the rules that it is an instance of.

differences   what an edit changed, place by place
proposing     the rules that would have made the same edit, byte for byte

What a step would look like had it made a change is for the step to say: `Step.guesses`.
"""
