/**
 * What a user sees, told as scenarios on a real PostgreSQL with the starter wired as in
 * an application.
 */
@NullMarked
package io.github.deletionpolicy.scenario;

import org.jspecify.annotations.NullMarked;
