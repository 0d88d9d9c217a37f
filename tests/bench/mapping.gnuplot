# SPDX-License-Identifier: GPL-2.0-only
# What mapping and unmapping cost, over size, for each kind of memory.  The caller
# sets data, a file of lines "KIND MIB map|unmap NATIVE XEN", and xen, a name.
set terminal svg size 1150,480 background "white" font "sans-serif,12"
set logscale xy
set xrange [3:700]
set yrange [50:20000]
set xtics (4, 16, 64, 512)
set grid
set xlabel "MiB"

kinds = "fresh random fragmented blocks"
of(kind, what, n) = strcol(1) eq kind && strcol(3) eq what ? column(n) : NaN

set multiplot layout 1, 2
do for [what in "map unmap"] {
	set title what
	if (what eq "map") {
		set ylabel "instructions per 4 KiB page"
		set margins at screen 0.07, screen 0.4, screen 0.13, screen 0.92
		unset key
	} else {
		unset ylabel
		set margins at screen 0.45, screen 0.77, screen 0.13, screen 0.92
		set key at screen 0.99, 0.5 right center vertical
	}
	plot for [i = 1:words(kinds)] data using 2:(of(word(kinds, i), what, 5)) \
			with linespoints linecolor i pointtype 2 * i pointsize 0.5 + 0.3 * i \
			title word(kinds, i) . ", " . xen, \
		for [i = 1:words(kinds)] data using 2:(of(word(kinds, i), what, 4)) \
			with linespoints linecolor i pointtype 2 * i pointsize 0.5 + 0.3 * i \
			dashtype 2 title word(kinds, i) . ", native"
}
