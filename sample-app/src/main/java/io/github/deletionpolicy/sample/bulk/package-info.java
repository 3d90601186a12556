/**
 * A delete of many rows that runs by itself, and how far it is.
 */
@NullMarked
package io.github.deletionpolicy.sample.bulk;

import org.jspecify.annotations.NullMarked;
