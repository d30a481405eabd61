"""Stories: texts that tell the same, copies and reworded ones over all sources and both languages.

    StoryText ─ prints.take ─▶ Print ─ keys.find_keys ─▶ candidates that came before ─ matching.match ─▶ Match
                                                                  clusters.place ─▶ Placed (story, place, novelty)

A text looks back only: which story it is in is told by what came before it, and never changes with what comes after.
"""
