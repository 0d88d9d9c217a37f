# SPDX-License-Identifier: GPL-2.0-only
# The picture in architecture.md, drawn by: gnuplot docs/parts.gnuplot >docs/parts.svg
set terminal svg size 1000,640 noenhanced background "white" font "sans-serif,13"
unset border
unset tics
unset key
set margins 0, 0, 0, 0
set xrange [0:100]
set yrange [0:64]

ours = "#cfe2f3"
stock = "#eeeeee"
space = "#fff2cc"

# Layers
set object rectangle from 0,44 to 100,64 fillcolor rgb "#fafafa" fillstyle solid noborder
set object rectangle from 0,21.5 to 100,43 fillcolor rgb "#f3f3f3" fillstyle solid noborder
set object rectangle from 0,0 to 100,20.5 fillcolor rgb "#fafafa" fillstyle solid noborder
set label "dom0, user space" at 1,62.5
set label "dom0, kernel" at 1,41.5
set label "Xen, unmodified" at 1,19

# A box, its title, and a line below that
box = 'set object rectangle from %g,%g to %g,%g fillcolor rgb "%s" fillstyle solid border rgb "#666666"; \
	set label "%s" at %g,%g center font "sans-serif,14"; set label "%s" at %g,%g center font "sans-serif,11"'
draw(x1, y1, x2, y2, colour, title, text) = sprintf(box, x1, y1, x2, y2, colour, \
	title, (x1 + x2) / 2.0, (y1 + y2) / 2.0 + 1.1, text, (x1 + x2) / 2.0, (y1 + y2) / 2.0 - 1.5)

# User space
eval draw(1, 46, 19, 53, stock, "VFIO programs", "DPDK, SPDK, QEMU, ...")
eval draw(22, 46, 46, 53, ours, "vfio-xen-dm", "one for each guest")
eval draw(50, 46, 72, 53, ours, "libvfio-xen", "libpci, libkmod, libxenctrl")
eval draw(76, 46, 99, 53, ours, "vfio-xen-udev", "persistent devices, at boot")
eval draw(33, 56.5, 53, 62.5, ours, "xl with the plugin", "libxl-vfio-xen.so")
eval draw(57, 56.5, 77, 62.5, ours, "vfio-xen-ctl", "list, bind, attach, check, ...")

# Kernel
eval draw(1, 32.5, 46, 39.5, stock, "vfio-pci-core, type1, iommufd", "VFIO of the distribution's kernel")
eval draw(50, 32.5, 72, 39.5, ours, "vfio-xen-pci", "event channels, guests")
eval draw(76, 32.5, 99, 39.5, ours, "xen-dma-memory", "hugetlbfs of 2 MiB blocks")
eval draw(1, 23, 72, 30, ours, "vfio-xen-iommu", "IOMMU driver: groups, domains, owner of each device, shell domains")

# Xen
eval draw(1, 3, 19, 12, space, "dom0", "all of dom0's memory")
eval draw(23, 3, 43, 12, space, "quarantine (d_IO)", "no memory")
eval draw(47, 3, 71, 12, space, "shell domain", "its p2m: what VFIO has mapped")
eval draw(75, 3, 99, 12, space, "guest", "its own p2m: all of its memory")
set label "IOMMU contexts" at 50,1.2 center font "sans-serif,11"

# Calls
set style arrow 1 head filled size screen 0.010,20 linewidth 1.2 linecolor rgb "#444444"
set arrow from 10,46 to 10,39.5 arrowstyle 1
set arrow from 34,46 to 34,39.5 arrowstyle 1
set arrow from 48,56.5 to 55,53 arrowstyle 1
set arrow from 67,56.5 to 63,53 arrowstyle 1
set arrow from 50,49.5 to 46,49.5 arrowstyle 1
set arrow from 76,49.5 to 72,49.5 arrowstyle 1
set arrow from 50,36 to 46,36 arrowstyle 1
set arrow from 23,32.5 to 23,30 arrowstyle 1
set arrow from 61,32.5 to 61,30 arrowstyle 1
set arrow from 57,46 to 57,39.5 arrowstyle 1
set arrow from 36,23 to 36,14.5 arrowstyle 1
set arrow from 10,14.5 to 10,12 arrowstyle 1
set arrow from 33,14.5 to 33,12 arrowstyle 1
set arrow from 59,14.5 to 59,12 arrowstyle 1
set arrow from 87,14.5 to 87,12 arrowstyle 1
set arrow from 10,14.5 to 87,14.5 nohead linewidth 1.2 linecolor rgb "#444444"
set label "/dev/vfio, /dev/iommu" at 11,43.6 font "sans-serif,11"
set label "sysfs" at 58,43.6 font "sans-serif,11"
set label "domctls: assign_device, memory_mapping" at 37.5,17 font "sans-serif,11"

plot NaN notitle
