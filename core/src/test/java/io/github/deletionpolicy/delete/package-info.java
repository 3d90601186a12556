/**
 * Tests of deletes without a database.
 */
@NullMarked
package io.github.deletionpolicy.delete;

import org.jspecify.annotations.NullMarked;
