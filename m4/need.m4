# SPDX-License-Identifier: GPL-2.0-only
# VFIO_XEN_NEED(VARIABLE-PREFIX, MODULES, DEBIAN-PACKAGE)
# PKG_CHECK_MODULES that says which package has what is missing
AC_DEFUN([VFIO_XEN_NEED], [
  PKG_CHECK_MODULES([$1], [$2], [],
    [AC_MSG_ERROR([$2 is missing: apt install $3])])
])
