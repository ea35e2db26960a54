"""Write the demo client's files anew: `python -m shared.loading.demo [FOLDER]`."""

from shared.loading.demo.shop import main

main()
