package example;

import org.springframework.data.repository.ListCrudRepository;

interface Notes extends ListCrudRepository<Note, Long> {

	int deleteByText(String text);

}
