# SPDX-License-Identifier: GPL-2.0-only
# Bars side by side.  The caller sets data, a file of lines "NAME VALUE...", series, the
# names of the values, and unit, what they are counted in.
set terminal svg size 1150,420 noenhanced background "white" font "sans-serif,12"
set style data histograms
set style histogram clustered gap 1
set style fill solid 0.7
set yrange [0:*]
set grid ytics
set ylabel unit
set key outside right center vertical
plot for [i = 1:words(series)] data using (column(i + 1)):xtic(1) title word(series, i)
