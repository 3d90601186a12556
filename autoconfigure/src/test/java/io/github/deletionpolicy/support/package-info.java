/**
 * What several tests need: fresh databases on a real PostgreSQL.
 */
@NullMarked
package io.github.deletionpolicy.support;

import org.jspecify.annotations.NullMarked;
