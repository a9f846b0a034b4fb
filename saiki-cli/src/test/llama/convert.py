"""Runs llama.cpp's own converter of Hugging Face's folders, without Hugging Face's library, which Debian does not have.

    /usr/bin/python3 convert.py SOURCE MODEL OUT    # SOURCE is llama.cpp's source

The converter reads config.json itself where that library cannot; it needs it otherwise for vocabularies of bytes, which
are left out here. Those of SentencePiece (`tokenizer.model`) are written. Needs Debian's python3-torch,
python3-sentencepiece, python3-yaml and python3-tqdm.
"""

import runpy
import sys
import types


class AutoConfig:
    @staticmethod
    def from_pretrained(*_arguments, **_options):
        raise OSError("config.json is read as it is")


def main() -> None:
    source, model, out = sys.argv[1:]
    library = types.ModuleType("transformers")
    library.AutoConfig = AutoConfig
    sys.modules["transformers"] = library
    sys.path[:0] = [source, source + "/gguf-py"]
    from conversion.base import TextModel

    def without_vocabulary(model):
        model._set_vocab_none()
        model.gguf_writer.add_vocab_size(model.hparams["vocab_size"])

    TextModel._set_vocab_gpt2 = without_vocabulary
    sys.argv = ["convert_hf_to_gguf.py", model, "--outtype", "f32", "--outfile", out]
    runpy.run_path(source + "/convert_hf_to_gguf.py", run_name="__main__")


main()
