# Two commands on a fresh machine: `make demo` and `make test`. Everything goes into .venv.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
# Two files of tests at a time; more would share the cores with the processes that tests start themselves.
TWO := -n 2 --dist loadfile

.PHONY: demo test test-slow lint bench reference clean

.venv/base: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(PIP) install -c constraints.txt -e '.[hf,trainer]'
	touch $@

.venv/test: .venv/base
	$(PIP) install -c constraints.txt -e '.[test,lint]'
	touch $@

demo: .venv/base  ## the tiny recipes: real pages, prose and code to weighted shards, a tokenizer, tokens, a model, and other weights
	$(BIN)/datapipe run recipes/tiny/recipe.yaml
	$(BIN)/tokenizer run recipes/tiny/tokenizer.yaml
	$(BIN)/trainer run recipes/tiny/pretrain.yaml
	$(BIN)/trainer run recipes/tiny/continue.yaml
	$(BIN)/trainer mix all recipes/tiny/mixture.yaml
	$(BIN)/trainer generate out/tiny-model-continued --prompt "The people of this country" --temperature 0.7 | tee out/tiny-model-continued/sample.txt
	@$(BIN)/trainer report out/tiny-model > /dev/null
	@$(BIN)/trainer report out/tiny-model-continued > /dev/null
	@echo "report of the data:               $(CURDIR)/out/tiny/report.html"
	@echo "report of the tokenizer:          $(CURDIR)/out/tiny-tokenizer/models/tiny-8192/evaluation.html"
	@echo "report of the training:           $(CURDIR)/out/tiny-model/report.html"
	@echo "report of the continued training: $(CURDIR)/out/tiny-model-continued/report.html"
	@echo "report of the mixtures:           $(CURDIR)/out/tiny-mixture/report.html"
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then $(BIN)/python -m webbrowser -t "file://$(CURDIR)/out/tiny/report.html" || true; fi

test: .venv/test  ## the default tests
	$(BIN)/python -m pytest $(TWO)

.venv/slow: .venv/test
	$(PIP) install -c constraints.txt -e '.[evaluate]'
	touch $@

test-slow: .venv/slow  ## what takes long
	$(BIN)/python -m pytest -m slow $(TWO)

lint: .venv/test  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/test  ## make bench NAME=text_statistics CORPUS=folder; all of them without NAME
	@for file in $(if $(NAME),tests/benchmarks/$(NAME).py,$$(ls tests/benchmarks/*.py | grep -v -e __init__ -e corpus -e support)); do \
		CORPUS="$(CORPUS)" $(BIN)/python -m $$(echo $${file%.py} | tr / .) || exit 1; \
	done

reference: .venv/base  ## write the pages of reference anew
	$(BIN)/python -m datapipe.reference > recipes/REFERENCE.md
	$(BIN)/python -m tokenizer.reference > recipes/TOKENIZER_REFERENCE.md
	$(BIN)/python -m trainer.reference > recipes/TRAINER_REFERENCE.md
	$(BIN)/python -m trainer.mixture.reference > recipes/MIXTURE_REFERENCE.md

clean:  ## remove what the commands above made
	rm -rf .venv out .mypy_cache .ruff_cache .pytest_cache build *.egg-info
