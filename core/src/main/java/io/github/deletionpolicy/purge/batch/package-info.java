/**
 * What one transaction of a purge does: enter, claim, delete, settle.
 */
@NullMarked
package io.github.deletionpolicy.purge.batch;

import org.jspecify.annotations.NullMarked;
