"""DB Toolkit. `python main.py --help` lists what it can do; without arguments the window opens."""

from backend.shell.cli import entry

if __name__ == "__main__":
    entry()
