"""vgpt_probe: see which real tables a fine-tuned model denies, and turn that into training pairs."""

__version__ = "0.1.0"
