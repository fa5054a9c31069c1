"""A plan whose every number can be reckoned by hand."""

SMALL = """
name: small
output: out
model: {n_layer: 2, n_head: 2, n_kv_head: 1, d_model: 8, vocab_size: 100}
seq_len: 10
sizes:
  a: {x: 601, y: 301, tiny: 10}    # 60 and 30 windows, and none
  b: {z: 1001}                     # 100 windows
blends:
  even: {a: {weight: 0.5, sampling: {weights: {x: 0.5, y: 0.5}}}, b: {weight: 0.5}}
  mostly_a: {a: {weight: 0.75}, b: {weight: 0.25}}
execution: {tensor_parallel: 1}
hardware: {gpu: a100, mfu: 0.5}
phases:
  - name: one
    tokens: 1190
    batch: 8
    blend: even
    learning_rate: [{shape: linear, start: 0, end: 0.5, tokens: 80}, {shape: linear, end: 0}]
    max_epochs: {a/x: 1, a: 2, all: 3}
  - name: two
    tokens: 800
    batch: 16
    gpus: 2
    blend: mostly_a
"""
