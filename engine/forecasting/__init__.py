"""What will sell: baseline, effects, uncertainty, and the proof from past origins."""
