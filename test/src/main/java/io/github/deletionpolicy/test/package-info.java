/**
 * For tests of applications that use deletion policies: purge now, say what became of a
 * row, and ask for no findings.
 */
@NullMarked
package io.github.deletionpolicy.test;

import org.jspecify.annotations.NullMarked;
