"""What the pages' parts are made of: plain values in, plain values out, drawn by templates/components."""
